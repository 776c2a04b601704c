// Everything here enhances pages that already work without it.
import "./command-palette.js";
import "./copy-button.js";
import "./hot-keys.js";
import "./theme-switch.js";
import "./live-list.js";
import "./menus.js";
import "./swaps.js";
