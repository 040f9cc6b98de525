"""Lists: filters, order, pages by key, bounded counts, search, saved views and CSV, from one description per list."""
