"""What the templates may say: `{% load unspoken %}`."""
