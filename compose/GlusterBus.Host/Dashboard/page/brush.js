// What the picture is drawn with: marks, texts and rings in the colours of the theme.
import { severities, shapes } from "./words.js";

const paths = Object.fromEntries(severities.map(severity => [severity, new Path2D(shapes[severity].path)]));

export class Brush {
  constructor(context) {
    this.context = context;
    this.recolour();
  }

  /** Reads the theme's colours. */
  recolour() {
    const style = getComputedStyle(document.documentElement);
    const names = ["surface", "stripe", "line", "text", "dim", "cause", "focus", "on-mark", ...severities];
    this.colours = Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()]));
    this.font = style.getPropertyValue("--font").trim();
  }

  /** A severity: shape, colour and, where there is room, its letter. */
  mark(severity, x, y, size) {
    const c = this.context;
    c.save();
    c.translate(x, y);
    c.scale(size, size);
    if (severity === "unknown" || severity === "info") {
      c.lineWidth = 0.14;
      c.strokeStyle = this.colours[severity];
      c.stroke(paths[severity]);
    } else {
      c.fillStyle = this.colours[severity];
      c.fill(paths[severity]);
    }
    c.restore();
    const letter = shapes[severity]?.letter;
    if (!letter || size < 12) return;
    c.font = `700 ${Math.round(size * 0.62)}px ${this.font}`;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.fillStyle = severity === "unknown" || severity === "info" ? this.colours[severity] : this.colours["on-mark"];
    c.fillText(letter, x + size / 2, y + size * (severity === "warning" ? 0.64 : 0.54));
  }

  /** One line; what is too long is cut, a path at its beginning. */
  text(text, x, y, colour, width = Infinity, weight = "400") {
    const c = this.context;
    if (width < 12) return;
    c.font = `${weight} 13px ${this.font}`;
    const isPath = text.startsWith("/");
    c.textAlign = "left";
    c.textBaseline = "middle";
    c.fillStyle = colour;
    let shown = text;
    for (let n = text.length; n > 1 && c.measureText(shown).width > width; n = Math.min(n - 1, Math.floor((n * width) / c.measureText(shown).width))) shown = isPath ? `…${text.slice(text.length - n + 1)}` : `${text.slice(0, n - 1)}…`;
    c.fillText(shown, x, y);
  }

  ring(x, y, width, height, colour) {
    const c = this.context;
    c.strokeStyle = colour;
    c.lineWidth = 2;
    c.beginPath();
    c.roundRect(x, y, width, height, 5);
    c.stroke();
  }
}
