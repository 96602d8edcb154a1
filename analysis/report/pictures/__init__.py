"""Pictures as data: where what is drawn, without how."""
