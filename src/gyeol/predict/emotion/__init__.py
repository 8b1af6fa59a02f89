"""How the models of ``context/emotion`` are made: ``python -m gyeol.predict.emotion``. Nothing here runs in production."""
