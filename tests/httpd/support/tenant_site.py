"""What the tests of tenants have in common: the page of the operator, and the .htaccess of a tenant."""

STATUS = """
<Location "/iip-status">
    SetHandler iip-status
</Location>
"""


def settings(server, text, folder="."):
    """Writes the .htaccess of a folder below the document root."""
    (server.docs / folder / ".htaccess").write_text(text)
