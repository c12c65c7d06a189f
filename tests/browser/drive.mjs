// Drives headless Chromium through jobs, for test_browser.py.
//
//   node drive.mjs CHROMIUM FOLDER <jobs.json >results.json
//
// FOLDER takes screenshots and holds node_modules. Each job opens a page and gives back what the
// browser saw: the answers to its requests, the errors, and what the page told. Judging is Python's.
import { createRequire } from "node:module";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const [chromium, folder] = process.argv.slice(2);
const puppeteer = createRequire(join(folder, "package.json"))("puppeteer-core");

const PATIENCE = 60000; // milliseconds

// Until the page's script has come so far, `viewer` is the element of that id.
function viewerWithPicture(page) {
  return page.waitForFunction(() => window.viewer?.world?.getItemCount() === 1, { timeout: PATIENCE });
}

// Once all that is in view has come and stands still. The path of the screenshot.
async function screenshotOfViewer(page, name) {
  await page.waitForFunction(
    () => window.viewer.world.getItemAt(0).getFullyLoaded() && !window.viewer.world.needsDraw(),
    { timeout: PATIENCE },
  );
  await new Promise((resolve) => setTimeout(resolve, 500)); // blending ends
  const path = join(folder, `${name}.png`);
  await (await page.$("#viewer")).screenshot({ path });
  return path;
}

// The demo's page: the whole picture, then a part of it, each when all of its tiles are there.
async function openSeadragon(page, job) {
  await viewerWithPicture(page);
  // Only the picture itself is to be on the screenshot.
  await page.addStyleTag({
    content: ".openseadragon-container > :not(.openseadragon-canvas), .navigator { display: none !important }",
  });
  const views = [];
  for (const [name, region] of Object.entries({ whole: null, part: job.region })) {
    await page.evaluate((box) => {
      const { viewport } = window.viewer;
      if (!box) return viewport.goHome(true);
      viewport.fitBounds(viewport.imageToViewportRectangle(...box), true);
    }, region);
    const screenshot = await screenshotOfViewer(page, `${job.name}-${name}`);
    const bounds = await page.evaluate(() => {
      const { viewport } = window.viewer;
      const { x, y, width, height } = viewport.viewportToImageRectangle(viewport.getBounds());
      return [x, y, width, height];
    });
    views.push({ name, screenshot, bounds });
  }
  return { views, state: await page.$eval("#state", (element) => element.textContent) };
}

// A page of tests/browser/pages: it says when it has gone through all zoom levels, and which of
// its tile URLs were delivered at which size.
async function clientPage(page) {
  await page.waitForFunction(() => window.done !== undefined, { timeout: PATIENCE });
  const problem = await page.evaluate(() => window.done);
  const tiles = await page.evaluate(async () => {
    const urls = performance.getEntriesByType("resource").map((entry) => entry.name);
    const sizes = {};
    for (const url of urls.filter((each) => /\.(jpg|png)$/.test(each))) {
      const image = new Image();
      image.src = url;
      await image.decode();
      sizes[url] = [image.naturalWidth, image.naturalHeight];
    }
    return sizes;
  });
  return { problem, tiles };
}

// The demo's panel of processing: what is shown, and which tiles are asked for, before anything is
// set, behind each step, and behind the button that takes all back.
async function processingPanel(page, job) {
  await viewerWithPicture(page);
  await page.addStyleTag({ content: ".navigator { display: none !important }" });
  let urls = [];
  page.on("request", (request) => {
    if (/[?&]JTL=/i.test(request.url())) urls.push(decodeURIComponent(request.url()));
  });
  const views = [];
  const look = async (name) => {
    await new Promise((resolve) => setTimeout(resolve, 600)); // the panel waits before it acts
    const screenshot = await screenshotOfViewer(page, `${job.name}-${name}`);
    const shown = await page.$eval("#processing code", (element) => element.textContent);
    views.push({ name, screenshot, shown, urls });
    urls = [];
  };
  await page.evaluate(() => window.viewer.world.resetItems()); // so that the first are listed too
  await look("plain");
  for (const { name, control, value } of job.steps) {
    await page.$eval(
      `#processing [name=${control}]`,
      (input, chosen) => {
        input.value = chosen;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      },
      value,
    );
    await look(name);
  }
  await page.click("#processing button");
  await look("reset");
  return { views };
}

const KINDS = { openSeadragon, clientPage, processingPanel };

async function run(browser, job) {
  const page = await browser.newPage();
  await page.setViewport({ width: job.width, height: job.height });
  const answers = [];
  const errors = [];
  page.on("response", (response) => answers.push([response.status(), response.url()]));
  page.on("requestfailed", (request) => {
    // A viewer takes back requests for tiles that have gone out of view.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") {
      errors.push(`${request.url()}: ${request.failure()?.errorText}`);
    }
  });
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  let seen = {};
  try {
    await page.goto(job.url, { waitUntil: "load", timeout: PATIENCE });
    seen = await KINDS[job.kind](page, job);
  } catch (error) {
    errors.push(String(error));
  }
  await page.close();
  return { ...job, ...seen, answers, errors };
}

const profile = await mkdtemp(join(tmpdir(), "mod_iip-browser-"));
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: "shell",
  userDataDir: profile,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-3d-apis", // WebGL without a graphics card is slower than the plain canvas
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
  ],
});
try {
  const results = [];
  for (const job of JSON.parse(await text(process.stdin))) results.push(await run(browser, job));
  process.stdout.write(JSON.stringify(results));
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
