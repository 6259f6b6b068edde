"""Head CT: export to PNG, train, evaluate, predict, measure."""
