"""Until when recorded versions can be read, and which setting decides that (step 11)."""
