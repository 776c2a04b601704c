"""Columns and cells of governance's lists."""
