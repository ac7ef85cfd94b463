"""Line drawings on a 24 × 24 grid, drawn for this project; the stroke comes from the CSS."""

from django.utils.safestring import mark_safe

_DRAWINGS = {
    "home": '<path d="M3 11l9-7 9 7v9h-6v-6H9v6H3z"/>',
    "users": '<circle cx="9" cy="8" r="3.5"/>'
    '<path d="M2.5 20c0-4 3-6.5 6.5-6.5s6.5 2.5 6.5 6.5M16 5a3.5 3.5 0 010 6.5'
    'M18 14c2.2.7 3.5 2.9 3.5 6"/>',
    "ticket": '<path d="M3 7h18v3.5a1.7 1.7 0 000 3.4V17H3v-3.1a1.7 1.7 0 000-3.4zM14 7v10"/>',
    "calendar": '<path d="M4 6h16v14H4zM4 10h16M8 3v4M16 3v4"/>',
    "screen": '<path d="M3 5h18v11H3zM8 20h8M12 16v4"/>',
    "help": '<circle cx="12" cy="12" r="9"/>'
    '<path d="M9.5 9.5a2.5 2.5 0 115 0c0 1.8-2.5 2-2.5 4M12 17v.5"/>',
    "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l5 5"/>',
    "stethoscope": '<path d="M5 3v6a4 4 0 008 0V3M9 13v3a5 5 0 0010 0v-2"/>'
    '<circle cx="19" cy="12" r="2"/>',
    "sheet": '<path d="M6 3h9l4 4v14H6zM9 9h6M9 13h7M9 17h5"/>',
    "chart": '<path d="M4 20V4M4 20h17M8 16v-5M13 16V7M18 16v-3"/>',
    "pill": '<rect x="2.5" y="8" width="19" height="8" rx="4"/><path d="M12 8v8"/>',
    "box": '<path d="M3 8l9-5 9 5v9l-9 5-9-5zM3 8l9 5 9-5M12 13v9"/>',
    "stop": '<path d="M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM12 7v6M12 16.5v.5"/>',
    "warn": '<path d="M12 3l10 18H2zM12 10v5M12 18v.3"/>',
    "tick": '<circle cx="12" cy="12" r="9"/><path d="M7.5 12.5l3 3 6-7"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v6M12 7.5v.5"/>',
    "cup": '<path d="M5 9h11v5a5 5 0 01-5 5h-1a5 5 0 01-5-5zM16 10h1.5a2.5 2.5 0 010 5H16'
    'M8 3.5V6M13 3.5V6M4 21.5h13"/>',
    "printer": '<path d="M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z"/>',
    "lock": '<path d="M5 11h14v10H5zM8 11V7.5a4 4 0 018 0V11M12 15v2.5"/>',
    "shield": '<path d="M12 3l8 3v6c0 4.5-3.4 7.8-8 9-4.6-1.2-8-4.5-8-9V6zM8.5 12l2.5 2.5 4.5-5"/>',
    "gear": '<circle cx="12" cy="12" r="3.2"/><path d="M12 3v3M12 18v3M3 12h3M18 12h3'
    'M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2"/>',
    "coin": '<circle cx="12" cy="12" r="9"/>'
    '<path d="M8 6.5l4 5 4-5M12 11.5V18M8.5 12.5h7M8.5 15.3h7"/>',
    "syringe": '<path d="M18 2.5L21.5 6M19.8 4.2l-3 3M14 5l5 5M16.5 7.5l-9 9H4.5v-3l9-9'
    'M4.5 19.5L2.5 21.5M10 11l2 2"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
}

# Second names for the same drawing.
_ALIASES = {"patients": "users", "document": "sheet", "settings": "gear", "stock": "box"}
_DRAWINGS.update({alias: _DRAWINGS[name] for alias, name in _ALIASES.items()})

# Constants of this file, no input of anybody's.
ICONS = {name: mark_safe(svg) for name, svg in _DRAWINGS.items()}  # noqa: S308  # nosec B308 B703
