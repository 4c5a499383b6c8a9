"""An invented local authority whose truth is known."""
