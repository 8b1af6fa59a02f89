import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { makeQueryClient } from "./api/queries.ts";
import { makeRouter } from "./app/router.tsx";
import "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/page.css";
import "./styles/charts.css";
import "./styles/bars.css";
import "./styles/people.css";
import "./styles/profile.css";
import "./styles/parts.css";
import "./styles/acts.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

const queries = makeQueryClient();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={makeRouter()} />
    </QueryClientProvider>
  </StrictMode>,
);
