import { type RefObject, useLayoutEffect, useRef, useState } from "react";

/** The element's width in CSS pixels, followed as it changes; 0 before the first layout. */
export function useWidth<T extends Element>(): [RefObject<T | null>, number] {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const found = element.current;
    if (!found) return;
    setWidth(found.getBoundingClientRect().width);
    const observer = new ResizeObserver((entries) => {
      const box = entries[0]?.contentRect;
      if (box) setWidth(box.width);
    });
    observer.observe(found);
    return () => observer.disconnect();
  }, []);
  return [element, width];
}
