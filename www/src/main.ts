// The page's entry: puts the calculator to work and keeps its question in the address.
import { Calculator, type QuestionEvent } from './calculator.ts';
import { questionFromSearch, searchFromQuestion } from './question.ts';

const calculator = document.querySelector('tierwise-calculator');
if (!(calculator instanceof Calculator)) throw new Error('the page has no <tierwise-calculator>');

function takeQuestionFromAddress(target: Calculator): void {
  target.question = questionFromSearch(location.search);
}

takeQuestionFromAddress(calculator);
addEventListener('popstate', () => takeQuestionFromAddress(calculator));
calculator.addEventListener('question', (event) => {
  const { detail } = event as QuestionEvent;
  history.replaceState(null, '', `${searchFromQuestion(detail)}${location.hash}`);
});
