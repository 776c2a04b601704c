"""What is said in the demo estate: scenes (one trace each) composed from scripts, the same for the same seed.

script = scripts.load("chatbot")
scene = compose.scene(script, rng=random.Random(7), cast=Cast(seed=7))
"""
