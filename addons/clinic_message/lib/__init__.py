"""What is neither ORM nor web: adapters of providers, texts, phone-sized arithmetic."""
