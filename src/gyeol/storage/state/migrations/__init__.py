"""Alembic's folder: ``env.py`` and the revisions. Run by ``storage.state.revision``, never by Alembic's own command."""
