"""The pages of the register: one set of generic views, and the tables that say what each noun is."""
