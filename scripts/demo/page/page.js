// The demo's page: one viewer, and a tab for each protocol that it can speak with the server. Tab
// and picture stand in the URL behind '#', as in #zoomify/lzw.tif.

import { createPanel } from "./processing.js";

const TYPES = { tif: "TIFF", jpg: "JPEG", jp2: "JPEG 2000" };

const PROTOCOLS = [
  {
    key: "iiif3",
    label: "IIIF 3",
    configuration: "iiif3.conf",
    explanation: "Every region of the picture, at any size, has a URL of its own.",
    source: (image) => `/iiif/${image.file}/info.json`,
    links: (image) => [
      `/iiif/${image.file}/info.json`,
      `/iiif/${image.file}/full/!800,800/0/default.jpg`,
      `/iiif/${image.file}/square/400,/!15/gray.png`,
    ],
  },
  {
    key: "iiif2",
    label: "IIIF 2",
    configuration: "iiif2.conf",
    explanation: "The same pictures for clients of version 2.1.",
    source: (image) => `/iiif2/${image.file}/info.json`,
    links: (image) => [
      `/iiif2/${image.file}/info.json`,
      `/iiif2/${image.file}/full/600,/0/default.jpg`,
      `/iiif2/${image.file}/pct:40,20,20,20/!500,500/90/bitonal.png`,
    ],
  },
  {
    key: "deepzoom",
    label: "DeepZoom",
    configuration: "deepzoom.conf",
    explanation: "A descriptor and numbered tiles, down to a level of one pixel.",
    source: (image) => `/deepzoom/${image.file}.dzi`,
    links: (image) => [
      `/deepzoom/${image.file}.dzi`,
      `/deepzoom/${image.file}_files/8/0_0.jpg`,
    ],
  },
  {
    key: "zoomify",
    label: "Zoomify",
    configuration: "zoomify.conf",
    explanation: "Image properties and tiles in groups.",
    source: zoomifySource,
    links: (image) => [
      `/zoomify/${image.file}/ImageProperties.xml`,
      `/zoomify/${image.file}/TileGroup0/0-0-0.jpg`,
    ],
  },
  {
    key: "iip",
    label: "IIP",
    configuration: "iip.conf",
    explanation: "The Internet Imaging Protocol, with all that its commands can do to a picture.",
    processes: true,
    source: (image) => ({ iipsrv: "/fcgi-bin/iipsrv.fcgi", image: image.file }),
    links: (image) => [
      `/fcgi-bin/iipsrv.fcgi?FIF=${image.file}&OBJ=IIP,1.0&OBJ=Max-size&OBJ=Tile-size&OBJ=Resolutions`,
      `/fcgi-bin/iipsrv.fcgi?FIF=${image.file}&WID=600&CVT=jpeg`,
      `/fcgi-bin/iipsrv.fcgi?FIF=${image.file}&RGN=0.4,0.2,0.2,0.2&WID=500&COL=gray&CVT=jpeg`,
      `/fcgi-bin/iipsrv.fcgi?IIIF=${image.file}/full/300,/0/default.jpg`,
    ],
  },
  {
    key: "document-iiif",
    label: "Document, IIIF",
    configuration: "document.conf",
    explanation:
      "The picture is a file in the document root, and still downloads as one. What follows its name is the service.",
    source: (image) => `/gallery/${image.file}/info.json`,
    links: (image) => [
      `/gallery/${image.file}/info.json`,
      `/gallery/${image.file}/full/!800,800/0/default.jpg`,
      `/gallery/${image.file}?WID=400&CVT=jpeg`,
    ],
  },
  {
    key: "document-deepzoom",
    label: "Document, DeepZoom",
    configuration: "document.conf",
    explanation: "The same file and the same line, spoken to in DeepZoom.",
    source: (image) => `/gallery/${image.file}/picture.dzi`,
    links: (image) => [
      `/gallery/${image.file}/picture.dzi`,
      `/gallery/${image.file}/ImageProperties.xml`,
    ],
  },
];

// The viewer does not read Zoomify's properties itself.
async function zoomifySource(image) {
  const base = `/zoomify/${image.file}/`;
  const answer = await fetch(`${base}ImageProperties.xml`);
  if (!answer.ok) throw new Error(`${base}ImageProperties.xml: ${answer.status}`);
  const document = new DOMParser().parseFromString(await answer.text(), "text/xml");
  const property = (name) => Number(document.documentElement.getAttribute(name));
  return {
    type: "zoomifytileservice",
    width: property("WIDTH"),
    height: property("HEIGHT"),
    tileSize: property("TILESIZE"),
    tilesUrl: base,
  };
}

const element = (id) => document.getElementById(id);
const images = await (await fetch("samples.json")).json();

const viewer = OpenSeadragon({
  element: element("viewer"),
  prefixUrl: "openseadragon/images/",
  showNavigator: true,
  navigatorPosition: "BOTTOM_RIGHT",
  maxZoomPixelRatio: 3,
  gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
});
window.viewer = viewer;

const panel = createPanel(element("processing"), viewer);

function chosen() {
  const [key, file] = decodeURIComponent(location.hash.slice(1)).split("/");
  return {
    protocol: PROTOCOLS.find((protocol) => protocol.key === key) ?? PROTOCOLS[0],
    image: images.find((image) => image.file === file) ?? images[0],
  };
}

function showTabs({ protocol, image }) {
  element("protocols").replaceChildren(
    ...PROTOCOLS.map((each) => {
      const tab = document.createElement("a");
      tab.href = `#${each.key}/${image.file}`;
      tab.textContent = each.label;
      tab.role = "tab";
      tab.setAttribute("aria-selected", String(each === protocol));
      return tab;
    }),
  );
}

function showSamples({ protocol, image }) {
  element("samples").replaceChildren(
    ...images.map((each) => new Option(each.title, each.file, false, each === image)),
  );
  element("samples").onchange = (event) => {
    location.hash = `${protocol.key}/${event.target.value}`;
  };
}

async function showConfiguration(protocol) {
  const text = await (await fetch(`conf/${protocol.configuration}`)).text();
  const lines = text.trimEnd().split("\n").flatMap((line) => {
    const span = document.createElement("span");
    if (line.startsWith("#")) span.className = "comment";
    span.textContent = `${line}\n`;
    return span;
  });
  element("configuration").replaceChildren(...lines);
}

function showLinks(urls) {
  element("links").replaceChildren(
    ...urls.map((url) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = url;
      link.textContent = url;
      item.append(link);
      return item;
    }),
  );
}

function showState(text, failed = false) {
  element("state").textContent = text;
  element("state").classList.toggle("failed", failed);
}

async function show() {
  const choice = chosen();
  const { protocol, image } = choice;
  showTabs(choice);
  showSamples(choice);
  showState("");
  element("title").textContent = image.title;
  element("facts").textContent =
    `${image.width} × ${image.height} pixels. ${TYPES[image.type]}: ${image.form}.`;
  element("explanation").textContent = protocol.explanation;
  showLinks(protocol.links(image));
  panel.show(protocol.processes ? image : null);
  await showConfiguration(protocol);
  try {
    viewer.open(await protocol.source(image));
  } catch (error) {
    showState(error.message, true);
  }
}

viewer.addHandler("open-failed", (event) => showState(event.message, true));
viewer.addHandler("tile-load-failed", (event) => showState(`${event.tile.getUrl()}: failed`, true));
window.addEventListener("hashchange", show);
await show();
