// The admin's policy forbids style elements; what htmx would write stands in admin.css.
window.htmx.config.includeIndicatorStyles = false;
