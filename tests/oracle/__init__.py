"""An independent model of the rules, on exact fractions, that checks and makes golden cases."""
