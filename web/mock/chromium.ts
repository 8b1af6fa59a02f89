/** Prints the path of a headless Chromium that an npm package ships; unpacks it into TMPDIR at first use. */
import chromium from "@sparticuz/chromium";

console.log(await chromium.executablePath());
