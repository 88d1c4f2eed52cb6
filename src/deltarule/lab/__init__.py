"""The lab: pages in the browser that show a network while it trains, and let it read your drawings."""
