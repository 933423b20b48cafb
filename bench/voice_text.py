"""What the voice bench speaks: plain prose, numbers, dates, money, names and abbreviations."""

SCENES = (
    "Kelp is not a plant. It is a brown alga that grows in cold, clear water, and it can rise "
    "half a meter in a single day. No forest on land comes close to that.",
    "In 1990, a group of divers counted 1,500 sea otters along this coast. By 2024, there were "
    "fewer than 900 left, and the forest had lost 62% of its area.",
    "The otters eat sea urchins, and the urchins eat kelp. When the otters disappear, the urchins "
    "multiply, and within a few years nothing is left but bare rock.",
    "Dr. Ellen Marsh, who has studied the bay since March 5, 2001, calls it a quiet collapse. "
    "Nobody noticed, she says, because nobody was looking under the surface.",
    "A new project wants to change that. It costs $3.2 million a year, which is about $5 for "
    "every visitor, and it has already planted 40 hectares of young kelp.",
    "The work starts at 6:30 in the morning. Divers carry small stones with seedlings tied to "
    "them, and they place one every 2 meters at a depth of 10 to 15 meters.",
    "Water temperature is the great enemy. Above 18°C the young plants stop growing, and above "
    "20°C most of them die within a week.",
    "So the team watches the weather. Sensors on the seafloor send a reading every 10 minutes, "
    "and a simple model warns the divers 3 days before a warm current arrives.",
    "The first results are promising. Three out of four patches survived their second summer, "
    "and fish that had been gone for 20 years have come back to hide among the leaves.",
    "Is it enough? Probably not, at least not alone. But it shows that a lost forest can return, "
    "if people decide that they want it back, and are willing to wait.",
)
