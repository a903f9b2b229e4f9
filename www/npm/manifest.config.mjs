// How the element's description is made of the comments of `zf-lens.js`: see https://github.com/webcomponents/custom-elements-manifest

/** The analyzer writes what schema 2.1 describes under the number of the first. */
const VERSION = "2.1.0";

export default {
  globs: ["zf-lens.js", "site/zf-lens.js"],
  packagejson: false,
  quiet: true,
  plugins: [
    {
      name: "what others may use",
      /** @param {{ customElementsManifest: any }} all */
      packageLinkPhase({ customElementsManifest }) {
        customElementsManifest.schemaVersion = VERSION;
        for (const module of customElementsManifest.modules) {
          module.declarations = module.declarations.filter((/** @type {any} */ { kind }) => kind === "class");
          for (const declared of module.declarations)
            declared.members = declared.members.filter((/** @type {any} */ { privacy }) => privacy !== "private");
        }
      },
    },
  ],
};
