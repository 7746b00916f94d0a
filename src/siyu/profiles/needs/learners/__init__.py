"""Ways to learn a chance, one file each, and the two forms in which several of them leave what they learnt."""
