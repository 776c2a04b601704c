"""All processes of an installation under one supervisor: `manage.py up`."""
