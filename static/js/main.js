// Every page works without this. An element that names a behaviour gets it: data-behaviour="menu"; two, with a space between.
import { connect as chooser } from "./chooser.js";
import { connect as condition } from "./condition.js";
import { connect as digest } from "./digest.js";
import { connect as exporting } from "./export.js";
import { connect as focus } from "./focus.js";
import { connect as goOn } from "./go-on.js";
import { connect as lines } from "./lines.js";
import { connect as menu } from "./menu.js";
import { connect as newer } from "./newer.js";
import { connect as order } from "./order.js";
import { connect as organizer } from "./organizer.js";
import { connect as organizerFiles } from "./organizer-files.js";
import { connect as part } from "./part.js";
import { connect as passkey } from "./passkey.js";
import { connect as preview } from "./preview.js";
import { connect as print } from "./print.js";
import { connect as selection } from "./selection.js";
import { connect as upload } from "./upload.js";

const behaviours = { chooser, condition, digest, export: exporting, focus, "go-on": goOn, lines, menu, newer, order, organizer, "organizer-files": organizerFiles, part, passkey, preview, print, selection, upload };

function bind(root) {
  for (const element of root.querySelectorAll("[data-behaviour]")) {
    for (const name of element.dataset.behaviour.split(" ")) behaviours[name](element);
  }
}

bind(document);
document.addEventListener("portal:shown", (event) => bind(event.target)); // a part of the page was read anew
