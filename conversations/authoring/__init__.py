"""How are journeys written in the back office? The editor, its graph, versions, publication, languages and files."""
