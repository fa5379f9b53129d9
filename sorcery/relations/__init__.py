"""How objects refer to each other: `links` finds it, the others draw it and change it, as the option tables have it."""
