// What does the style guide need to look like the desk? Times of the reader, and boxes that stand open.

import "./promises.js";
import { localise } from "./times.js";

localise(document);
document.documentElement.dataset.ready = "yes";
