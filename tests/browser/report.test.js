// What people do with a report: open it from a disk, at any width, in the dark, with a keyboard, without scripts, on paper.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PAGES = ["compare", "everything"];
const WIDTHS = [360, 768, 1440];
const address = (name) => pathToFileURL(`${process.env.PAGES}/${name}.html`).href;
// A picture is shown for wide screens or for narrow ones, on one of its scales.
const SHOWN = "[data-scale]:not([hidden]) .wide";

let browser;
before(async () => {
  // Of its own pages, as root in a container: no sandbox to set up.
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
});
after(() => browser.close());

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== address(name) && !request.url().startsWith("data:")) wrong.push(`request of ${request.url()}`);
  });
  await page.goto(address(name));
  return { page, wrong, close: () => context.close() };
}

for (const name of PAGES) {
  test(`${name}: loads without errors and without requests`, async () => {
    const { page, wrong, close } = await open(name);
    assert.ok((await page.locator("h1").innerText()).length > 5);
    assert.ok((await page.locator("section").count()) >= 8);
    await page.waitForTimeout(200);
    assert.deepEqual(wrong, []);
    await close();
  });

  for (const width of WIDTHS) {
    test(`${name}: fits ${width} pixels, light and dark`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const { page, wrong, close } = await open(name, { viewport: { width, height: 800 }, colorScheme });
        const found = await page.evaluate(() => ({
          overflow: document.documentElement.scrollWidth - innerWidth,
          // Texts of pictures that leave them, or the window.
          outside: [...document.querySelectorAll("figure svg")]
            .filter((svg) => svg.getBoundingClientRect().width > 0)
            .flatMap((svg) => {
              const box = svg.getBoundingClientRect();
              const texts = [...svg.querySelectorAll("text")];
              const leaves = (it) => it.left < box.left - 3 || it.right > box.right + 3 || it.bottom > box.bottom + 3;
              return texts.filter((text) => leaves(text.getBoundingClientRect())).map((text) => text.textContent);
            }),
          pictures: [...document.querySelectorAll("figure svg")].filter((svg) => svg.getBoundingClientRect().width > 200).length,
          unreadable: [...document.querySelectorAll("figure svg text")].filter((text) => {
            const box = text.getBoundingClientRect();
            return box.width > 0 && box.height < 9;
          }).length,
        }));
        assert.ok(found.overflow <= 0, `the page is ${found.overflow} pixels too wide`);
        assert.deepEqual(found.outside, []);
        assert.equal(found.unreadable, 0);
        assert.ok(found.pictures >= 5, `${found.pictures} pictures`);
        assert.deepEqual(wrong, []);
        await close();
      }
    });
  }

  test(`${name}: is accessible, light and dark`, async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { page, close } = await open(name, { colorScheme, bypassCSP: true });
      await page.addScriptTag({ path: AXE });
      const { violations } = await page.evaluate(() => axe.run());
      const told = violations.map((it) => `${it.id}: ${it.help}: ${it.nodes[0].html} (${it.nodes.length})`);
      assert.deepEqual(told, []);
      await close();
    }
  });

  test(`${name}: prints with all details open and no controls`, async () => {
    const { page, close } = await open(name);
    const pdf = await page.pdf({ format: "A4" });
    assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
    assert.ok(pdf.length > 50_000, `${pdf.length} bytes`);
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const hidden = await page.evaluate(
      () => [...document.querySelectorAll("details table")].filter((table) => table.getBoundingClientRect().height === 0).length,
    );
    assert.equal(hidden, 0, "tables that are not printed");
    assert.equal(await page.locator("#theme").isVisible(), false);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.equal(await page.locator("details[open]").count(), 0, "and closed again");
    await close();
  });
}

test("a button chooses the scale of its picture", async () => {
  const { page, close } = await open("compare");
  const figure = page.locator("#downtime figure").first();
  const [log, linear] = [figure.getByRole("button", { name: "logarithmic" }), figure.getByRole("button", { name: "linear" })];
  const shown = (scale) => figure.locator(`[data-scale=${scale}] .wide svg`).isVisible();
  assert.deepEqual([await shown("logarithmic"), await shown("linear")], [true, false]);
  await linear.click();
  assert.deepEqual([await shown("logarithmic"), await shown("linear")], [false, true]);
  assert.deepEqual([await log.getAttribute("aria-pressed"), await linear.getAttribute("aria-pressed")], ["false", "true"]);
  assert.equal(await page.locator("#recovery [data-scale=logarithmic] .wide svg").first().isVisible(), true, "others stay");
  await close();
});

test("a button of the legend takes its series away and brings it back", async () => {
  const { page, close } = await open("compare");
  const figure = page.locator("#downtime figure").first();
  const button = figure.getByRole("button", { name: "multi-az" });
  const curves = () => figure.locator(`${SHOWN} g.series:visible`).count();
  assert.equal(await curves(), 3);
  await button.click();
  assert.equal(await curves(), 2);
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await button.click();
  assert.equal(await curves(), 3);
  await close();
});

test("the theme can be chosen", async () => {
  const { page, close } = await open("compare", { colorScheme: "light" });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [button, light] = [page.locator("#theme"), await ground()];
  await button.click();
  assert.notEqual(await ground(), light);
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  await button.click();
  assert.equal(await ground(), light);
  await close();
});

test("the nearest point of a curve says its value", async () => {
  const { page, close } = await open("compare");
  const svg = page.locator(`#recovery figure ${SHOWN} svg`).first();
  await svg.scrollIntoViewIfNeeded();
  const at = await svg.evaluate((it) => {
    const line = it.querySelector("polyline[data-tips]");
    const place = line.dataset.tips.split("|").findIndex((tip, place) => tip && place > 6);
    const point = line.points[place];
    const { x, y } = new DOMPoint(point.x, point.y).matrixTransform(it.getScreenCTM());
    return { x, y, tip: line.dataset.tips.split("|")[place] };
  });
  await page.mouse.move(at.x + 1, at.y);
  const tip = page.locator("#tip");
  assert.equal(await tip.isVisible(), true);
  assert.match(await tip.innerText(), /: .* %/);
  await page.mouse.move(5, 5);
  assert.equal(await tip.isVisible(), false);
  await close();
});

test("a keyboard is enough", async () => {
  const { page, close } = await open("compare");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the results");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "content");
  const linear = page.locator("#downtime").getByRole("button", { name: "linear" });
  await linear.focus();
  await page.keyboard.press("Space");
  assert.equal(await linear.getAttribute("aria-pressed"), "true");
  assert.notEqual(await linear.evaluate((it) => getComputedStyle(it).outlineStyle), "none", "the focus is seen");
  const summary = page.locator("#downtime summary");
  await summary.focus();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("#downtime details table").isVisible(), true);
  await close();
});

test("without scripts everything can be read, and no button pretends to work", async () => {
  const { page, close } = await open("everything", { javaScriptEnabled: false });
  assert.ok((await page.locator(`${SHOWN} svg`).count()) >= 8);
  assert.equal(await page.locator(".needs-script:visible").count(), 0);
  assert.equal(await page.locator("button:visible:not([disabled])").count(), 0);
  await page.locator("#downtime summary").click();
  assert.equal(await page.locator("#downtime details table").isVisible(), true);
  await close();
});
