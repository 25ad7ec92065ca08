"""trade: from time and cost to trade and real income."""
