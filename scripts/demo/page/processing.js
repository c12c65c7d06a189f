// The panel of the IIP tab: what is set in it becomes commands of the protocol, in front of the one
// that asks for a tile. The server does the work.

const COLOUR_MAPS = [
  "none", "hot", "cold", "jet", "red", "green", "blue", "viridis", "magma", "inferno", "plasma", "cividis",
];

// What the panel offers. `neutral` is the value that asks for nothing.
function controls(image) {
  const [low, high] = image.range;
  const step = (high - low) / 1000;
  return [
    { name: "min", label: "Black at", low, high, step, neutral: low },
    { name: "max", label: "White at", low, high, step, neutral: high },
    { name: "contrast", label: "Contrast", low: 0.2, high: 4, step: 0.05, neutral: 1 },
    { name: "gamma", label: "Gamma", low: 0.2, high: 3, step: 0.05, neutral: 1 },
    { name: "map", label: "Colours", choices: COLOUR_MAPS, neutral: "none" },
    ...(image.height_map
      ? [
          { name: "shade", label: "Hillshade", choices: ["off", "on"], neutral: "off" },
          { name: "azimuth", label: "Light from", low: 0, high: 360, step: 5, neutral: 315 },
          { name: "elevation", label: "Its height", low: 5, high: 90, step: 5, neutral: 45 },
        ]
      : []),
  ];
}

const rounded = (value) => String(Number(Number(value).toPrecision(6)));

// The commands, "" where nothing is to be done.
function commands(values, image) {
  const [low, high] = image.range;
  const out = [];
  if (values.shade === "on") {
    out.push(`SHD=${rounded(values.azimuth)},${rounded(values.elevation)}`);
  } else if (Number(values.min) !== low || Number(values.max) !== high) {
    out.push(`MINMAX=-:${rounded(values.min)},${rounded(values.max)}`);
  }
  if (Number(values.gamma) !== 1) out.push(`GAM=${rounded(values.gamma)}`);
  if (values.map !== "none") out.push(`CMP=${values.map}`);
  if (Number(values.contrast) !== 1) out.push(`CNT=${rounded(values.contrast)}`);
  return out.map((command) => `${command}&`).join("");
}

function field(control) {
  const label = document.createElement("label");
  label.textContent = control.label;
  label.htmlFor = `processing-${control.name}`;
  let input;
  const shown = document.createElement("output");
  if (control.choices) {
    input = document.createElement("select");
    input.append(...control.choices.map((choice) => new Option(choice, choice)));
  } else {
    input = document.createElement("input");
    Object.assign(input, { type: "range", min: control.low, max: control.high, step: control.step });
  }
  input.id = label.htmlFor;
  input.name = control.name;
  input.value = control.neutral;
  return control.choices ? [label, input] : [label, input, shown];
}

export function createPanel(form, viewer) {
  let image = null;
  let active = "";

  const values = () => Object.fromEntries(new FormData(form));

  function showValues() {
    for (const output of form.querySelectorAll("output")) {
      output.textContent = rounded(output.previousElementSibling.value);
    }
    form.querySelector("code").textContent = active || "no commands";
  }

  function apply() {
    active = commands(values(), image);
    showValues();
    viewer.world.resetItems();
  }

  // Each tile's URL gets the commands that are in force when it is asked for. The viewer keeps the
  // URL that a tile has once been given; so it gets a function.
  viewer.world.addHandler("add-item", ({ item }) => {
    if (!image) return;
    const plain = item.source.getTileUrl.bind(item.source);
    item.source.getTileUrl = (level, x, y) => {
      const url = plain(level, x, y);
      return () => url.replace(/(?<=[?&])JTL=/i, `${active}JTL=`);
    };
  });

  let waiting;
  form.addEventListener("input", () => {
    active = commands(values(), image);
    showValues();
    clearTimeout(waiting);
    waiting = setTimeout(apply, 200);
  });
  form.addEventListener("submit", (event) => event.preventDefault());

  return {
    // Offers what can be done to the image; null: nothing, the form is hidden.
    show(shown) {
      image = shown;
      active = "";
      form.hidden = !image;
      if (!image) return;
      const reset = document.createElement("button");
      reset.type = "button";
      reset.textContent = "As it was";
      reset.onclick = () => {
        this.show(image);
        viewer.world.resetItems();
      };
      form.replaceChildren(
        ...controls(image).flatMap(field), document.createElement("code"), reset,
      );
      showValues();
    },
  };
}
