"""The PDF/UA identification that goes into a PDF/A file's XMP metadata.

Sources: ISO 14289-1, section 5 (the pdfuaid schema); ISO 19005-3, section 6.6.2.3 (an extension
schema must describe every property that PDF/A does not define itself).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

_END: Final = b"</rdf:RDF>"

_IDENTIFICATION: Final = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>PDF/UA version identifier</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


class Metadata(Protocol):
    """WeasyPrint's document metadata, as far as it is used here."""

    generate_rdf_metadata: Callable[..., bytes]


def declare_pdfua(metadata: Metadata) -> None:
    """Make `metadata` state PDF/UA-1 inside its one `rdf:RDF` element.

    A second `rdf:RDF`, which WeasyPrint's own option would append, is not read by validators.
    Raises ValueError when the RDF is written if it does not end as expected.
    """
    generate = metadata.generate_rdf_metadata

    def with_pdfua(*arguments: object, **options: object) -> bytes:
        head, end, rest = generate(*arguments, **options).rpartition(_END)
        if not end or rest.strip():
            raise ValueError("the XMP metadata has no rdf:RDF to extend")
        return head + _IDENTIFICATION + end + rest

    metadata.generate_rdf_metadata = with_pdfua
