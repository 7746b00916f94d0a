"""The ad archive: every advertisement that left, with its facts, its rules and its delivery, kept for three years.

互联网广告管理办法 art. 13-15 asks for ads, the rules of recommendation and delivery records to be kept for three years;
个保法 asks for erasure. Both hold: what concerns a person is sealed under that person's key before it is chained, so
that a destroyed key leaves a chain that is whole and a record that nobody can read.
"""
