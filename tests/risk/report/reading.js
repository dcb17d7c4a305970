// What a test asks of an open page, in plain values; a list of misfits or faults is empty where nothing is wrong.
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (selector) => all(selector).filter((element) => element.checkVisibility());
  const style = (element) => getComputedStyle(element);
  const line = (text) => text.replace(/\s+/g, " ").trim();
  const named = (element) => {
    const label = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;
    return `<${element.localName}> ${line(label).slice(0, 60)}`;
  };
  const outwards = (element) => (element ? [element, ...outwards(element.parentElement)] : []);

  const STOPS = "a[href], button, input:not([type=radio]), select, textarea, summary, [tabindex]";
  let stops = [];
  let unfocused = [];

  const ring = (element) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = style(element);
    const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    return { outline: outlined ? outlineColor : "", shadow: boxShadow === "none" ? "" : boxShadow };
  };
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  // Relative luminance as WCAG 2.2 defines it.
  const luminance = (colour) => {
    const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    const [red, green, blue] = rgba(colour).map(linear);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  // The best contrast of the colours that ring an element with the ground it stands on.
  const contrast = (element) => {
    const opaque = (outer) => rgba(style(outer).backgroundColor)[3] === 255;
    const grounded = outwards(element.parentElement).find(opaque);
    const ground = luminance(grounded ? style(grounded).backgroundColor : "white");
    const { outline, shadow } = ring(element);
    const ratios = [outline, ...(shadow.match(/[a-z-]+\([^)]*\)/g) ?? [])].filter(Boolean).map((colour) => {
      const [dark, light] = [luminance(colour), ground].sort((one, other) => one - other);
      return (light + 0.05) / (dark + 0.05);
    });
    return Math.max(...ratios);
  };
  const covered = (element) => {
    const box = element.getClientRects()[0];
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return left >= right || top >= bottom || !element.contains(hit);
  };
  // WCAG 2.2, 2.4.7, 2.4.11 and 1.4.11: focus is seen, not covered, and stands out by 3 to 1.
  const faults = (element, plain) => {
    const { outline, shadow } = ring(element);
    const seen = (outline && outline !== plain.outline) || (shadow && shadow !== plain.shadow);
    return [
      ...(seen ? [] : ["focus is not visible"]),
      ...(seen && contrast(element) < 3 ? [`focus stands out by only ${contrast(element).toFixed(2)} to 1`] : []),
      ...(covered(element) ? ["covered or out of sight"] : []),
    ].map((fault) => `${named(element)}: ${fault}`);
  };

  const scrolls = (element) =>
    ["auto", "scroll"].includes(style(element).overflowX) && element.scrollWidth > element.clientWidth;
  // What is wholly to the left is kept out of sight until it has the focus.
  const beyond = (element) => {
    const { left, right, width } = element.getBoundingClientRect();
    const out = width > 1 && right > 0 && (right > innerWidth + 1 || left < -1);
    return out && !outwards(element.parentElement).some(scrolls);
  };
  // A box of one pixel holds text for screen readers only.
  const cut = (element) => {
    const { overflowX, overflowY } = style(element);
    const hides = (overflow) => ["hidden", "clip"].includes(overflow);
    const across = hides(overflowX) && element.scrollWidth > element.clientWidth + 1;
    const down = hides(overflowY) && element.scrollHeight > element.clientHeight + 1;
    return element.clientWidth > 1 && !element.ownerSVGElement && (across || down);
  };
  const unreachable = (element) => {
    const label = element.getAttribute("aria-label") || element.getAttribute("aria-labelledby");
    return scrolls(element) && (element.tabIndex < 0 || !label);
  };
  const wide = new CSSStyleSheet();
  wide.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);

  globalThis.reading = {
    unfold: () => all("details").forEach((part) => (part.open = true)),

    // Every element that the Tab key must reach, in the order of the document; `stop` compares with these.
    expected: () => {
      stops = shown(STOPS).filter((element) => element.tabIndex >= 0 && !element.disabled);
      unfocused = stops.map(ring);
      return stops.map(named);
    },
    // Where the focus is, or null outside the document, and what is wrong with it there.
    stop: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const place = stops.indexOf(element);
      return { name: named(element), place, faults: place < 0 ? [] : faults(element, unfocused[place]) };
    },
    // Stops that follow another but stand above it and no further right: the focus would jump back.
    backwards: () => {
      scrollTo(0, 0);
      const boxes = stops.map((element) => element.getClientRects()[0]);
      const back = (box, next) => next.bottom <= box.top && next.left <= box.left;
      return stops.filter((_, at) => at > 0 && back(boxes[at - 1], boxes[at])).map(named);
    },

    // What does not fit the window: beyond its sides, cut off by its own box, or in a region that no key can scroll.
    misfits: () => {
      const [width, visible] = [document.scrollingElement.scrollWidth, shown("body *")];
      const found = Object.entries({ beyond, cut, unreachable }).flatMap(([how, holds]) =>
        visible.filter(holds).map((element) => `${how}: ${named(element)}`));
      return width > innerWidth ? [`the page is ${width} pixels wide`, ...found] : found;
    },
    // Text spaced as it comes, or as widely as WCAG 2.2, 1.4.12 asks a page to bear.
    space: (how) => void (document.adoptedStyleSheets = how === "wide" ? [wide] : []),

    // Everything a reader sees, part by part, but for what tells the state of a control.
    texts: () => shown("h1, h2, h3, h4, p, li, dt, dd, caption, th, td, a")
      .filter((element) => !element.closest("[role=status], [aria-live], form"))
      .map((element) => line(element.innerText)),
    // What each disclosure shows.
    disclosed: () => all("details").map((part) => line(part.innerText)),
    // The pages of the partners that the index shows, in order.
    partners: () => shown("main tbody tr a[href$='.html']").map((link) => link.getAttribute("href")),
  };
})();
