"""Words of the domain, tables, migrations and queries; imports nothing else of the product."""
