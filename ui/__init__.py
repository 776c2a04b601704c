"""The design system: template tags, charts drawn on the server, tables, filters, panels. No domain."""
