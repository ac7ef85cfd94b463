"""The paper's table of effects, live: ten figures from the clinic's own records (DOMAIN 10)."""
