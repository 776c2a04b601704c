"""How fast the engines of content are, on one core: personal data per tier and language, secrets per character.

CPU time of this process, which depends less on what else runs. Texts of 500 characters, of nobody.
"""

from __future__ import annotations

import time

import psutil

from bench.guardrails.french_set import french_set
from guardrails.domain import ContentEngine
from guardrails.engines.personal_data import PersonalDataEngine
from guardrails.engines.secrets import SecretsEngine
from kernel.config import PersonalDataTier

LENGTH = 500
ROUNDS = 150
ENGLISH = (
    "The production line stopped for a few minutes because the sensor reported a value outside of its range. We compared the reading with the "
    "history of the machine and found that the calibration had drifted since the last maintenance window. Please explain what an operator should "
    "check first, and how long the procedure usually takes. If the temperature stays above the limit, the controller reduces the speed of the "
    "conveyor and asks for a confirmation before it starts again. Thank you for your help with that question."
)
FRENCH = (
    "La ligne de production s'est arrêtée pendant quelques minutes parce que le capteur a signalé une valeur hors de sa plage. Nous avons comparé la "
    "mesure avec l'historique de la machine et constaté que l'étalonnage avait dérivé depuis la dernière maintenance. Expliquez ce qu'un opérateur doit "
    "vérifier en premier et combien de temps dure la procédure. Si la température reste au-dessus de la limite, le contrôleur réduit la vitesse du "
    "convoyeur et demande une confirmation avant de repartir. Merci d'avance pour votre aide."
)
ENGLISH_DENSE = (
    "My name is Emily Johnson, born on March 3, 1981, and I live at 42 Oak Street, Apt 5, Springfield, IL 62701. Call me at (212) 555-2368 or write "
    "to emily.johnson@example.com. My SSN is 536-90-4399 and the card is 4970 1000 0000 0014, IBAN GB82 WEST 1234 5698 7654 32. "
)


def measure() -> None:
    """Print a table."""
    dense = "\n".join(text for text, spans, _ in french_set(18, seed=1, held_out=False) if len(spans) > 1)
    texts = {
        "English, plain": ENGLISH,
        "English, dense": ENGLISH_DENSE * 2,
        "French, plain": FRENCH,
        "French, dense": dense,
    }
    for tier in PersonalDataTier:
        engine = PersonalDataEngine(tier)
        before = time.perf_counter()
        engine.load()
        resident = psutil.Process().memory_info().rss / 2**20
        print(
            f"personal data, {tier}: loaded in {time.perf_counter() - before:.1f} s, process at {resident:.0f} MiB"
        )
        for name, text in texts.items():
            each = _seconds(engine, text[:LENGTH])
            print(f"  {name:16} {each * 1000:7.2f} ms   {1 / each:7.0f} messages/s/core")
    each = _seconds(SecretsEngine(), ENGLISH[:LENGTH])
    print(f"secrets, plain English: {each * 1e9 / LENGTH:.0f} ns/character, {1 / each:.0f} messages/s/core")


def _seconds(engine: ContentEngine, text: str) -> float:
    engine.scan(text, threshold=0.5)
    start = time.process_time()
    for _ in range(ROUNDS):
        engine.scan(text, threshold=0.5)
    return (time.process_time() - start) / ROUNDS
