"""What the web server loads."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from console.processes.death import die_with_parent

# The server's workers load this module; left alone they outlive a SIGKILL of the process that started them.
die_with_parent()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
application = get_wsgi_application()
