// The page of the voices that are sold: they can be heard where their vendor has a sample.

import { all } from "./elements.js";
import { hearing } from "./hear.js";

for (const root of all(document, "[data-voices]")) hearing(root);
