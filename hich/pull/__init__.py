"""`hich pull`: take results of colleagues, where what they were made of is the same here."""
