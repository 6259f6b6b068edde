"""Files of annotated records, as annotation tools and other programs read and write them."""
