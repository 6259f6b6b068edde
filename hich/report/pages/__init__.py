"""The report's pages: pictures, tables and words for templates."""
