"""Words that open a sentence or a line with a capital and are nobody's name. Small models take them for names.

Kept by hand: imperatives and questions that prompts begin with, headings of forms, greetings, days and months.
"""

from __future__ import annotations

_FRENCH = """
Absolument Accède Accord Achète Affiche Agis Ah Aide Aidez Ainsi Ajoute Ajoutez Alors Améliore Analyse Analysez Annule Appel Appelez Appliquez
Après Article Assuré Assurée Attention Aucun Aucune Aujourd'hui Auriez Aussi Avant Avec Avez Avis Avons Bien Bienvenue Bonjour Bonne Bonsoir Bref Budget
C'est Calcule Calculez Capteur Carte Car Ce Ceci Cela Certaines Certains Ces Cet Cette Chapitre Cher Chère Chers Cherche Cherchez Classe Client Cliente Code
Combien Commande Comme Commence Comment Compare Comparez Compose Compte Concernant Conclusion Confirme Connexion Constat Contact Contexte Continue Contrat
Contrôle Convertis Copie Cordialement Corrige Corrigez Crée Créez Dans Date Daté Décris Décrivez Définis Demande Depuis Dès Désolé Destinataire Détaille
Développe Devis Dis Dites Docteur Document Donc Donne Donnez Dossier Dr Du Échange Écris Écrivez Effectue Également Elle Elles Email Émis En Enfin Ensuite
Entre Entreprise Envoie Envoyez Erreur Est Établis Étape Étant Évalue Évidemment Exemple Explique Expliquez Exporte Extrais Facture Faire Fais Faites Faut
Fermez Fichier Fin Formule Fournis Fournisseur Génère Générez Gère Grâce Hier Hors Ici Identifie Il Ils Imagine Immatriculé Importe Indique Indiquez Info
Information Informations Interdit Introduction J'ai Jamais Je Joint Jour Journal L'équipe La Le Les Leur Leurs Lieu Lis Liste Listez Livraison Lorsque Lot
Madame Mais Maintenance Maître Manuel Mentionne Merci Message Mesdames Messieurs Mets Mettez Modifie Moi Mon Monsieur Montant Montre Montrez Ne Niveau Nom
Non Nos Notamment Note Notez Notre Nous Nouveau Nouvelle Numéro Objet Oh Ok On Optimise Or Ordonne Ordre Organise Ou Où Oui Paiement Par Parce Parle Passe
Passeport Patient Patiente Pendant Personne Peut Peux Pièce Plan Plaque Plus Plusieurs Poste Pour Pourquoi Pourrais Pourriez Pouvez Précise Prénom Prépare
Préparez Présente Prix Procédure Produis Projet Propose Proposez Puis Puisque Quand Que Quel Quelle Quelles Quels Question Qui Quoi Raison Rappel Rappelle
Recherche Réclamation Recommande Rédige Rédigez Réf Référence Reformule Relis Remplace Remplis Réponds Répondez Réponse Résume Résumé Résumez Retour
Réunion Rien Sans Sauf Section Selon Serait Seul Si Signé Simplifie Sinon Société Soit Solution Sous Souvent Structure Suggère Sujet Suis Suite Suivant
Supprime Sur Surtout Système Tâche Tableau Tel Télécharge Téléphone Terminé Texte Titre Ton Toujours Tous Tout Toute Toutes Traduis Traduisez Transforme
Traite Travail Très Trie Trouve Trouvez Tu Un Une Utilise Utilisez Va Valide Vérifie Vérifiez Version Veuillez Via Vide Virement Voici Voilà Voir Vos Votre
Voudrais Voulez Vous Vraiment Vu
Lundi Mardi Mercredi Jeudi Vendredi Samedi Dimanche Janvier Février Mars Avril Mai Juin Juillet Août Septembre Octobre Novembre Décembre
"""

_ENGLISH = """
About Absolutely According Account Action Actually Add Address After Again Agreed All Almost Also Although Always Am Amount Analyse Analyze And Answer Any
Anyone Apartment Apply Apt Are As Ask At Attached Based Be Because Before Best Better Bill Book But Buy By Calculate Call Can Cancel Card Cautionary
Change Chapter Check Choose City Classify Click Code Come Compare Complete Compute Confirm Consider Contact Context Convert Cool Could Country Create Customer Date
Dear Debug Define Delete Deploy Describe Design Detail Did Director Do Document Does Don't Done Draft During Each Edit Either Else Email Employee End Enter Error
Evaluate Even Every Everyone Example Exactly Explain Export Extract Fax Feel File Fill Find Finally First Fix Follow For Format Former From Further Generate
Get Give Given Go Good Goodbye Got Great Group Guest Had Has Have He Hello Help Hence Her Here Hey Hi His Hm Hotel How However I'd I'll I'm I've Identify If
Imagine Import Improve In Include Info Input Instead Invoice Is Issue It Its Job Just Keep Kindly Know Last Later Let Let's Like Line Link List Listen Log Look
Mail Make Many May Maybe Me Mention Message Might Mobile More Most Mr Mrs Ms Much Must My Name Need Never New Next No None Not Note Nothing Now Number Of
Office Often Oh Ok Okay On Once One Only Open Or Order Otherwise Our Out Output Over Page Parse Patient Paid Pay Payment Perhaps Phone Please Policy Prepare
Previous Print Product Project Provide Put Question Quick Quote Rank Read Really Receive Recommend Regarding Regards Remember Remove Rename Reply Report
Request Respond Response Return Review Rewrite Role Run Said Same Say Search Section Security See Send Sentence Set Several Shall She Should Show Similarly Since
So Some Someone Sometimes Sorry Source Start State Status Step Still Stop Street Subject Such Suggest Suite Summarise Summarize Sure System Take Task Team Tell
Test Thank Thanks That The Their Them Then There Therefore These They This Those Though Through Thus Time Title To Today Tomorrow Too Total Translate Try Two
Type Under Unless Until Update Upload Use User Using Verify Version Very View Visit Wait Want Was We Welcome Well Were What When Where Whereas Whether Which
While Who Whose Why Will With Within Without Won't Work Would Wow Write Yes Yesterday Yet You Your
Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April June July August September October November December
"""

OPENERS = frozenset(word.lower() for word in (_FRENCH + _ENGLISH).split()) - {
    "may", "mark", "will", "bill", "drew", "art", "grant", "rose", "page", "case", "mars", "avril", "juin", "victor", "august", "april", "june", "guest",
}  # fmt: skip
"""In lower case; without those that are common given or family names too."""
