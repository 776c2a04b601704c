"""The Django project: settings, root urls, people and roles, home, search, process runner."""
