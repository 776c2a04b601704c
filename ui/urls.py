from __future__ import annotations

from django.urls import path

from ui import views

app_name = "ui"

urlpatterns = [path("style/", views.style, name="style")]
